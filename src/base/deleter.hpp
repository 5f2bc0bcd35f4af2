#pragma once
// For std::unique_ptr over what a C library makes: its function that frees, as a type.

namespace landglass::base {

template <class T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* pointer) const { Free(pointer); }
};

}  // namespace landglass::base
