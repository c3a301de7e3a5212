// Reverse-mode differentiation, and the modes of the calling thread.
#include "lab.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

namespace {

torch::autograd::variable_list borrow_all(const lab::Handle* handles, int count) {
    torch::autograd::variable_list tensors;
    tensors.reserve(count);
    for (int i = 0; i < count; ++i) {
        tensors.push_back(lab::borrow(handles[i]));
    }
    return tensors;
}

}  // namespace

LAB_API int lab_requires_grad(lab::Handle handle, int wanted) {
    return lab::guarded([&] { lab::borrow(handle).requires_grad_(wanted != 0); });
}

LAB_API int lab_retain_grad(lab::Handle handle) {
    return lab::guarded([&] { lab::borrow(handle).retain_grad(); });
}

LAB_API int lab_grad(lab::Handle handle, lab::Handle* grad) {
    return lab::guarded([&] { *grad = lab::give(lab::borrow(handle).grad()); });
}

LAB_API int lab_set_grad(lab::Handle handle, lab::Handle grad) {
    return lab::guarded([&] {
        auto tensor = lab::borrow(handle);
        tensor.mutable_grad() = lab::borrow(grad);
    });
}

// The keep flag: 0 or 1, or -1 for libtorch's own choice (keep when a graph of the gradients is made).
LAB_API int lab_backward(const lab::Handle* tensors, int count, const lab::Handle* gradients, int gradient_count,
                         int keep_graph, int create_graph, const lab::Handle* inputs, int input_count) {
    return lab::guarded([&] {
        lab::settle_threads();
        torch::autograd::backward(borrow_all(tensors, count), borrow_all(gradients, gradient_count),
                                  keep_graph < 0 ? lab::optional<bool>() : lab::optional<bool>(keep_graph != 0),
                                  create_graph != 0, borrow_all(inputs, input_count));
    });
}

// d outputs / d inputs; results[i] is null where an unused input was allowed.
LAB_API int lab_gradients(const lab::Handle* outputs, int output_count, const lab::Handle* inputs, int input_count,
                          const lab::Handle* gradients, int gradient_count, int keep_graph, int create_graph,
                          int allow_unused, lab::Handle* results) {
    return lab::guarded([&] {
        lab::settle_threads();
        auto found = torch::autograd::grad(borrow_all(outputs, output_count), borrow_all(inputs, input_count),
                                           borrow_all(gradients, gradient_count), keep_graph != 0, create_graph != 0,
                                           allow_unused != 0);
        for (int i = 0; i < input_count; ++i) {
            results[i] = lab::give(found[i]);
        }
    });
}

LAB_API int lab_grad_enabled() { return c10::GradMode::is_enabled() ? 1 : 0; }
LAB_API void lab_set_grad_enabled(int enabled) { c10::GradMode::set_enabled(enabled != 0); }

LAB_API int lab_inference_enabled() { return c10::InferenceMode::is_enabled() ? 1 : 0; }
LAB_API void* lab_enter_inference(int enabled) { return new c10::InferenceMode(enabled != 0); }
LAB_API void lab_leave_inference(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }
