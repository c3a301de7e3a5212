// Tensors: handles, host memory, metadata.
#include "lab.h"

#include <atomic>
#include <cstring>

namespace {

std::atomic<int64_t> live{0};
std::atomic<int64_t> peak{0};
thread_local std::string message;

}  // namespace

namespace lab {

at::Tensor borrow(Handle handle) {
    if (handle == nullptr) {
        return at::Tensor();
    }
    return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::unsafe_reclaim_from_nonowning(handle));
}

Handle give(at::Tensor tensor) {
    if (!tensor.defined()) {
        return nullptr;
    }
    auto now = live.fetch_add(1, std::memory_order_relaxed) + 1;
    auto highest = peak.load(std::memory_order_relaxed);
    while (now > highest && !peak.compare_exchange_weak(highest, now, std::memory_order_relaxed)) {
    }
    return tensor.unsafeReleaseTensorImpl();
}

void fail(const char* text) { message = text; }

}  // namespace lab

// What the managed side reads of a tensor at once.
struct Facts {
    int64_t elements;
    int64_t element_size;
    int64_t storage_offset;
    int32_t dimensions;
    int32_t dtype;
    int32_t device_type;
    int32_t device_index;
    int32_t requires_grad;
    int32_t is_leaf;
    int32_t is_contiguous;
    int32_t is_neg_or_conj;
};

LAB_API const char* lab_error() { return message.c_str(); }

LAB_API void lab_release(lab::Handle handle) {
    if (handle == nullptr) {
        return;
    }
    // Reclaims the reference that lab::give let go of.
    c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(handle);
    if (live.fetch_sub(1, std::memory_order_relaxed) == 1) {
        lab::release_memory();
    }
}

// Another handle to the same tensor.
LAB_API lab::Handle lab_share(lab::Handle handle) { return lab::give(lab::borrow(handle)); }

LAB_API int64_t lab_live() { return live.load(); }
LAB_API int64_t lab_peak() { return peak.load(); }

LAB_API int lab_facts(lab::Handle handle, Facts* facts) {
    return lab::guarded([&] {
        auto tensor = lab::borrow(handle);
        facts->elements = tensor.numel();
        facts->element_size = static_cast<int64_t>(tensor.element_size());
        facts->storage_offset = tensor.storage_offset();
        facts->dimensions = static_cast<int32_t>(tensor.dim());
        facts->dtype = static_cast<int32_t>(tensor.scalar_type());
        facts->device_type = static_cast<int32_t>(tensor.device().type());
        facts->device_index = tensor.device().index();
        facts->requires_grad = tensor.requires_grad() ? 1 : 0;
        facts->is_leaf = tensor.is_leaf() ? 1 : 0;
        facts->is_contiguous = tensor.is_contiguous() ? 1 : 0;
        facts->is_neg_or_conj = tensor.is_neg() || tensor.is_conj() ? 1 : 0;
    });
}

LAB_API int lab_dimensions(lab::Handle handle) { return static_cast<int>(handle->dim()); }

// Writes the extents (or strides); the caller has asked lab_dimensions for the room.
LAB_API int lab_sizes(lab::Handle handle, int64_t* extents) {
    return lab::guarded([&] {
        auto sizes = lab::borrow(handle).sizes();
        std::copy(sizes.begin(), sizes.end(), extents);
    });
}

LAB_API int lab_strides(lab::Handle handle, int64_t* steps) {
    return lab::guarded([&] {
        auto strides = lab::borrow(handle).strides();
        std::copy(strides.begin(), strides.end(), steps);
    });
}

LAB_API int lab_data(lab::Handle handle, void** data) {
    return lab::guarded([&] { *data = lab::borrow(handle).data_ptr(); });
}

// A new CPU tensor with a copy of `bytes` bytes of host memory (null: uninitialised).
LAB_API int lab_from_memory(const void* data, int64_t bytes, const int64_t* extents, int dimensions, int dtype, lab::Handle* made) {
    return lab::guarded([&] {
        auto tensor = at::empty(at::IntArrayRef(extents, dimensions), at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)));
        TORCH_CHECK(static_cast<int64_t>(tensor.nbytes()) == bytes || data == nullptr,
                    "the data holds ", bytes, " bytes and the shape needs ", tensor.nbytes());
        if (data != nullptr && bytes > 0) {
            std::memcpy(tensor.data_ptr(), data, bytes);
        }
        *made = lab::give(std::move(tensor));
    });
}
