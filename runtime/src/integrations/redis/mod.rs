//! Commands and caches of redis.
