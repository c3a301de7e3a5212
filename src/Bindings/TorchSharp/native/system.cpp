// The process: version, threads, random numbers, devices, determinism.
#include "lab.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/Generator.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/version.h>

#include <atomic>
#include <cstdlib>
#include <dlfcn.h>

namespace {

// OpenBLAS keeps threads of its own that libtorch does not know of. Not every build exports the function.
void set_blas_threads(int count) {
    for (const char* name : {"libblas.so.3", "libopenblas.so.0"}) {
        if (void* library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD)) {
            if (auto set = reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"))) {
                set(count);
            }
            dlclose(library);
        }
    }
}

// The driver's C interface is the same for every version; libtorch's own name for the count is not.
int devices_of_driver() {
    int count = 0;
    if (void* library = dlopen("libcuda.so.1", RTLD_LAZY)) {
        auto initialise = reinterpret_cast<int (*)(unsigned)>(dlsym(library, "cuInit"));
        auto get = reinterpret_cast<int (*)(int*)>(dlsym(library, "cuDeviceGetCount"));
        if (initialise == nullptr || get == nullptr || initialise(0) != 0 || get(&count) != 0) {
            count = 0;
        }
    }
    return count;
}

std::atomic<int> threads_wanted{0};
thread_local int threads_settled = 0;

const at::Generator& default_generator() { return at::globalContext().defaultGenerator(at::kCPU); }

}  // namespace

void lab::settle_threads() {
    auto wanted = threads_wanted.load(std::memory_order_relaxed);
    if (wanted != threads_settled) {
        at::set_num_threads(wanted);
        threads_settled = wanted;
    }
}

// Loads the CUDA half of a libtorch that has one; the linker leaves it out because nothing here names it. Takes
// `threads` threads where the environment does not ask for a number; libtorch's own choice is one a physical core.
LAB_API int lab_initialize(const char* directory, int threads) {
    return lab::guarded([&] {
        std::string base = directory != nullptr && *directory ? std::string(directory) + "/" : std::string();
        dlopen((base + "libtorch_cuda.so").c_str(), RTLD_NOW | RTLD_GLOBAL);
        if (std::getenv("OMP_NUM_THREADS") == nullptr && std::getenv("MKL_NUM_THREADS") == nullptr) {
            threads_wanted = threads;
        }
    });
}

LAB_API const char* lab_version() { return TORCH_VERSION; }

LAB_API const char* lab_parallel_info() {
    static thread_local std::string text;
    text = at::get_parallel_info();
    return text.c_str();
}

LAB_API int lab_threads() {
    lab::settle_threads();
    return at::get_num_threads();
}
LAB_API int lab_set_threads(int count) {
    return lab::guarded([&] {
        TORCH_CHECK(count > 0, "the number of threads must be positive, and is ", count);
        threads_wanted = count;
        lab::settle_threads();
        set_blas_threads(count);
    });
}
LAB_API int lab_interop_threads() { return static_cast<int>(at::get_num_interop_threads()); }
LAB_API int lab_set_interop_threads(int count) {
    return lab::guarded([&] { at::set_num_interop_threads(count); });
}

LAB_API int lab_manual_seed(uint64_t seed) {
    return lab::guarded([&] { at::manual_seed(seed); });
}

LAB_API int lab_generator_new(uint64_t seed, void** made) {
    return lab::guarded([&] { *made = new at::Generator(at::detail::createCPUGenerator(seed)); });
}
LAB_API int lab_generator_default(void** made) {
    return lab::guarded([&] { *made = new at::Generator(default_generator()); });
}
LAB_API void lab_generator_free(void* generator) { delete static_cast<at::Generator*>(generator); }
LAB_API int lab_generator_seed(void* generator, uint64_t seed) {
    return lab::guarded([&] { static_cast<at::Generator*>(generator)->set_current_seed(seed); });
}
LAB_API uint64_t lab_generator_current(void* generator) { return static_cast<at::Generator*>(generator)->current_seed(); }
LAB_API int lab_generator_random_seed(void* generator, uint64_t* seed) {
    return lab::guarded([&] { *seed = static_cast<at::Generator*>(generator)->seed(); });
}
LAB_API int lab_generator_state(void* generator, lab::Handle* state) {
    return lab::guarded([&] { *state = lab::give(static_cast<at::Generator*>(generator)->get_state()); });
}
LAB_API int lab_generator_set_state(void* generator, lab::Handle state) {
    return lab::guarded([&] { static_cast<at::Generator*>(generator)->set_state(lab::borrow(state)); });
}

LAB_API int lab_cuda_count() {
    int count = 0;
    lab::guarded([&] { count = at::hasCUDA() ? devices_of_driver() : 0; });
    return count;
}
LAB_API int lab_cudnn_available() {
    int available = 0;
    lab::guarded([&] { available = at::hasCUDA() && at::detail::getCUDAHooks().hasCuDNN() ? 1 : 0; });
    return available;
}

LAB_API void lab_set_deterministic(int enabled, int warn_only) {
    at::globalContext().setDeterministicAlgorithms(enabled != 0, warn_only != 0);
}
LAB_API int lab_deterministic() { return at::globalContext().deterministicAlgorithms() ? 1 : 0; }
LAB_API int lab_deterministic_warn_only() { return at::globalContext().deterministicAlgorithmsWarnOnly() ? 1 : 0; }
LAB_API void lab_set_tf32(int matmul, int cudnn) {
    at::globalContext().setAllowTF32CuBLAS(matmul != 0);
    at::globalContext().setAllowTF32CuDNN(cudnn != 0);
}
LAB_API int lab_tf32_matmul() { return at::globalContext().allowTF32CuBLAS() ? 1 : 0; }
LAB_API int lab_tf32_cudnn() { return at::globalContext().allowTF32CuDNN() ? 1 : 0; }
LAB_API void lab_set_cudnn_benchmark(int enabled, int deterministic) {
    at::globalContext().setBenchmarkCuDNN(enabled != 0);
    at::globalContext().setDeterministicCuDNN(deterministic != 0);
}
