//! The guide, chapter by chapter. It is there in the documentation alone; every example in it is run.

macro_rules! chapters {
    ($($name:ident)*) => { $(
        #[doc = include_str!(concat!("../guide/", stringify!($name), ".md"))]
        pub mod $name {}
    )* };
}

chapters! {
    errors performance tasks integrations context redaction sampling testing seeing configuration deployment delivery growing the_end from_python troubleshooting
}
