//! E-mail by lettre.
