//! What came, as a person wants to see it.
/// x
#[derive(Debug)]
pub struct Report;
