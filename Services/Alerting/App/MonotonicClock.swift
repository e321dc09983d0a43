// The monotonic clock, for deadlines and pauses: it never jumps with the wall clock. What is evaluated knows the log's time alone.

import Glibc

/// Seconds on the monotonic clock.
func monotonicSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}
