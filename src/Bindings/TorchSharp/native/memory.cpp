// Memory of CPU tensors. A training step takes and gives back the same large blocks every time; the C library hands such
// blocks back to the system at once, so that each step pays for fresh, zeroed pages (a seventh of a ResNet-8's step). Here
// large blocks wait for the next request of their size, up to a limit, and go back when no tensor is left.
#include "lab.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <torch/version.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace {

constexpr size_t Alignment = 64;           // as libtorch's own allocator; the header takes one such unit
constexpr size_t Large = size_t{1} << 17;  // from here on the C library would ask the system
constexpr size_t Unit = size_t{1} << 16;   // large blocks are multiples of this

// Stands before the data; the deleter is told nothing but the address.
struct Header {
    size_t bytes;
};
static_assert(sizeof(Header) <= Alignment, "the header must leave the data aligned");

class Memory {
public:
    void limit(size_t bytes) {
        std::lock_guard<std::mutex> guard(lock_);
        limit_ = bytes;
    }

    void* take(size_t wanted) {
        auto bytes = wanted + Alignment;
        if (bytes >= Large) {
            bytes = (bytes + Unit - 1) / Unit * Unit;
            std::lock_guard<std::mutex> guard(lock_);
            auto found = waiting_.find(bytes);
            if (found != waiting_.end() && !found->second.empty()) {
                auto block = found->second.back();
                found->second.pop_back();
                held_ -= bytes;
                return block;
            }
            // Sizes have changed: what waits for the old ones would wait for ever.
            if (held_ > limit_ / 2) {
                release();
            }
        }

        void* base = nullptr;
        TORCH_CHECK(posix_memalign(&base, Alignment, bytes) == 0, "there is no memory for a tensor of ", wanted, " bytes");
        static_cast<Header*>(base)->bytes = bytes;
        return static_cast<char*>(base) + Alignment;
    }

    void give(void* data) {
        auto base = static_cast<char*>(data) - Alignment;
        auto bytes = reinterpret_cast<Header*>(base)->bytes;
        if (bytes >= Large) {
            std::lock_guard<std::mutex> guard(lock_);
            if (held_ + bytes <= limit_) {
                waiting_[bytes].push_back(data);
                held_ += bytes;
                return;
            }
        }
        std::free(base);
    }

    void clear() {
        std::lock_guard<std::mutex> guard(lock_);
        release();
    }

    size_t held() {
        std::lock_guard<std::mutex> guard(lock_);
        return held_;
    }

private:
    void release() {
        for (auto& [bytes, blocks] : waiting_) {
            for (auto block : blocks) {
                std::free(static_cast<char*>(block) - Alignment);
            }
        }
        waiting_.clear();
        held_ = 0;
    }

    std::mutex lock_;
    std::unordered_map<size_t, std::vector<void*>> waiting_;
    size_t held_ = 0;
    size_t limit_ = 0;
};

// Never destroyed: tensors may be freed while the process ends.
Memory& memory() {
    static auto* instance = new Memory();
    return *instance;
}

void give_back(void* data) {
    if (data != nullptr) {
        memory().give(data);
    }
}

class TensorAllocator final : public c10::Allocator {
public:
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
    c10::DataPtr allocate(size_t bytes) override { return make(bytes); }
#else
    c10::DataPtr allocate(size_t bytes) const override { return make(bytes); }
#endif
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 2)
    void copy_data(void* target, const void* source, std::size_t count) const override { std::memcpy(target, source, count); }
#endif
    c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

private:
    static c10::DataPtr make(size_t bytes) {
        void* data = bytes == 0 ? nullptr : memory().take(bytes);
        return {data, data, &give_back, c10::Device(c10::DeviceType::CPU)};
    }
};

}  // namespace

// Takes over the memory of CPU tensors made from now on; at most `bytes` wait to be used again.
LAB_API int lab_keep_memory(int64_t bytes) {
    return lab::guarded([&] {
        memory().limit(static_cast<size_t>(bytes));
        static auto* allocator = new TensorAllocator();
        c10::SetCPUAllocator(allocator, 1);
    });
}

LAB_API int64_t lab_kept_memory() { return static_cast<int64_t>(memory().held()); }

void lab::release_memory() { memory().clear(); }
