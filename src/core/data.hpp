// Training data as the caller holds them: dense rows of any number type, possibly memory-mapped, or CSR rows.
#pragma once

#include <cstddef>
#include <cstdint>

namespace deltaprop {

enum class Number : int { u8, i8, u16, i16, u32, i32, u64, i64, f32, f64 };

/// n × d numbers. Dense: row i starts at values + i · row_bytes. Sparse (columns not null): row i holds
/// values starts[i] … starts[i + 1] − 1, in the columns columns[…].
struct Data {
  Number number = Number::f32;
  const void* values = nullptr;
  ptrdiff_t row_bytes = 0;
  const void* columns = nullptr;
  const void* starts = nullptr;
  bool wide_index = false;  // columns and starts are 64-bit, otherwise 32-bit
};

}  // namespace deltaprop
