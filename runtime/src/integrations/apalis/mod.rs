//! Jobs of apalis.
