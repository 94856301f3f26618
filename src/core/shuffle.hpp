// Random orders.
#pragma once

#include <cstddef>
#include <cstdint>

namespace deltaprop {

/// Shuffles n < 2³² numbers exactly as NumPy's Generator(Philox(key, counter)).shuffle does, as long as
/// counter[0] does not overflow.
void shuffle(int64_t* numbers, size_t n, const uint64_t key[2], const uint64_t counter[4]);

}  // namespace deltaprop
