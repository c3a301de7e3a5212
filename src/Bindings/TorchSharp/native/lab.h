// What the files of this library share: the C ABI's value types, handles and the way errors leave.
#pragma once

#include <ATen/ATen.h>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <torch/version.h>

#define LAB_API extern "C" __attribute__((visibility("default")))

namespace lab {

// libtorch had an optional of its own before it took the standard's.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
using std::nullopt;
using std::optional;
#else
using c10::nullopt;
using c10::optional;
#endif

// A tensor handle is an owned reference to a TensorImpl; null stands for an undefined tensor.
using Handle = c10::TensorImpl*;

enum Tag : int32_t {
    TagDefault = 0,    // the schema's own default value
    TagNone = 1,
    TagTensor = 2,     // pointer: Handle
    TagInt = 3,        // integer (also a dtype, a layout, a memory format)
    TagDouble = 4,
    TagBool = 5,
    TagIntList = 6,    // pointer: int64_t[count]
    TagDoubleList = 7, // pointer: double[count]
    TagTensorList = 8, // pointer: Handle[count]
    TagString = 9,     // pointer: char[count], UTF-8
    TagDevice = 10,    // integer: type, count: index
    TagGenerator = 11, // pointer: at::Generator*
    TagBoolList = 12,  // pointer: uint8_t[count]
};

// One argument or one result; 16 bytes, laid out as the managed side lays it out.
struct Value {
    int32_t tag;
    int32_t count;
    union {
        int64_t integer;
        double real;
        void* pointer;
    };
};
static_assert(sizeof(Value) == 16, "the managed side relies on this layout");

// A new reference to what a handle points at; the handle stays the caller's.
at::Tensor borrow(Handle handle);

// Gives a tensor to the managed side as an owned handle, and counts it as live.
Handle give(at::Tensor tensor);

// Keeps a message for lab_error on this thread.
void fail(const char* message);

// Gives the calling thread the number of threads last asked for. OpenMP keeps that number by thread, so that libtorch's
// own setting reaches only the thread that made it; the server's work moves between threads.
void settle_threads();

// Gives memory that waits for new tensors back to the system.
void release_memory();

// Runs body; an exception becomes libtorch's message (without its C++ backtrace) and a result other than 0.
template <typename Body>
int guarded(Body body) {
    try {
        body();
        return 0;
    } catch (const c10::Error& error) {
        fail(error.what_without_backtrace());
    } catch (const std::exception& error) {
        fail(error.what());
    } catch (...) {
        fail("libtorch threw something that is not an exception");
    }
    return 1;
}

}  // namespace lab
