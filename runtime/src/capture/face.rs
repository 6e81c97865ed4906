//! The richest face of an error value that the compiler can see at the call site.
//!
//! The macros write `(&&&&&&Face(err)).tell()`: method resolution tries the traits from the richest to the poorest,
//! so any type will do, generic ones with whatever bounds are in scope included.
