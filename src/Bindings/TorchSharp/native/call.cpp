// Any ATen operator, by its schema name, through the dispatcher: autograd included.
#include "lab.h"

#include <ATen/core/Generator.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <cstdlib>
#include <sstream>

namespace {

using lab::Value;

// What an argument of a schema takes; decided once, when the operator is found.
enum class Wants : uint8_t { Other, Real, TensorList, OptionalTensorList, RealList };

struct Operator {
    c10::OperatorHandle handle;
    std::vector<Wants> wants;
    size_t arguments;
};

Wants wants_of(const c10::TypePtr& type) {
    auto inner = type;
    if (auto optional = inner->cast<c10::OptionalType>()) {
        inner = optional->getElementType();
    }
    if (inner->kind() == c10::TypeKind::FloatType) {
        return Wants::Real;
    }
    if (auto list = inner->cast<c10::ListType>()) {
        auto element = list->getElementType();
        if (element->kind() == c10::TypeKind::FloatType) {
            return Wants::RealList;
        }
        if (element->kind() == c10::TypeKind::OptionalType) {
            return Wants::OptionalTensorList;
        }
        if (element->kind() == c10::TypeKind::TensorType) {
            return Wants::TensorList;
        }
    }
    return Wants::Other;
}

c10::IValue tensor_list(const Value& value, bool optional) {
    auto handles = static_cast<lab::Handle*>(value.pointer);
    if (optional) {
        c10::List<lab::optional<at::Tensor>> list;
        list.reserve(value.count);
        for (int i = 0; i < value.count; ++i) {
            list.push_back(handles[i] ? lab::optional<at::Tensor>(lab::borrow(handles[i])) : lab::nullopt);
        }
        return c10::IValue(std::move(list));
    }
    c10::List<at::Tensor> list;
    list.reserve(value.count);
    for (int i = 0; i < value.count; ++i) {
        list.push_back(lab::borrow(handles[i]));
    }
    return c10::IValue(std::move(list));
}

c10::IValue to_ivalue(const Value& value, Wants wants) {
    switch (value.tag) {
        case lab::TagNone:
            return c10::IValue();
        case lab::TagTensor:
            return value.pointer ? c10::IValue(lab::borrow(static_cast<lab::Handle>(value.pointer))) : c10::IValue();
        case lab::TagInt:
            return wants == Wants::Real ? c10::IValue(static_cast<double>(value.integer)) : c10::IValue(value.integer);
        case lab::TagDouble:
            return c10::IValue(value.real);
        case lab::TagBool:
            return c10::IValue(value.integer != 0);
        case lab::TagIntList: {
            auto numbers = static_cast<const int64_t*>(value.pointer);
            if (wants == Wants::RealList) {
                return c10::IValue(c10::List<double>(std::vector<double>(numbers, numbers + value.count)));
            }
            c10::List<int64_t> list;
            list.reserve(value.count);
            for (int i = 0; i < value.count; ++i) {
                list.push_back(numbers[i]);
            }
            return c10::IValue(std::move(list));
        }
        case lab::TagDoubleList: {
            auto numbers = static_cast<const double*>(value.pointer);
            c10::List<double> list;
            list.reserve(value.count);
            for (int i = 0; i < value.count; ++i) {
                list.push_back(numbers[i]);
            }
            return c10::IValue(std::move(list));
        }
        case lab::TagBoolList: {
            auto flags = static_cast<const uint8_t*>(value.pointer);
            c10::List<bool> list;
            for (int i = 0; i < value.count; ++i) {
                list.push_back(flags[i] != 0);
            }
            return c10::IValue(std::move(list));
        }
        case lab::TagTensorList:
            return tensor_list(value, wants == Wants::OptionalTensorList);
        case lab::TagString:
            return c10::IValue(std::string(static_cast<const char*>(value.pointer), value.count));
        case lab::TagDevice:
            return c10::IValue(c10::Device(static_cast<c10::DeviceType>(value.integer), static_cast<c10::DeviceIndex>(value.count)));
        case lab::TagGenerator:
            return value.pointer ? c10::IValue(*static_cast<at::Generator*>(value.pointer)) : c10::IValue();
        default:
            TORCH_CHECK(false, "an argument has the unknown tag ", value.tag);
    }
}

// The lists in results are malloc'ed; lab_free_list takes them back.
template <typename T, typename Source, typename Convert>
void give_list(Value& out, int32_t tag, const Source& source, Convert convert) {
    auto items = static_cast<T*>(std::malloc(sizeof(T) * (source.size() ? source.size() : 1)));
    size_t at = 0;
    for (const auto& item : source) {
        items[at++] = convert(item);
    }
    out.tag = tag;
    out.count = static_cast<int32_t>(at);
    out.pointer = items;
}

void to_value(const c10::IValue& result, Value& out) {
    out.count = 0;
    out.integer = 0;
    if (result.isTensor()) {
        out.tag = lab::TagTensor;
        out.pointer = lab::give(result.toTensor());
    } else if (result.isInt()) {
        out.tag = lab::TagInt;
        out.integer = result.toInt();
    } else if (result.isDouble()) {
        out.tag = lab::TagDouble;
        out.real = result.toDouble();
    } else if (result.isBool()) {
        out.tag = lab::TagBool;
        out.integer = result.toBool() ? 1 : 0;
    } else if (result.isTensorList()) {
        give_list<lab::Handle>(out, lab::TagTensorList, result.toTensorVector(), [](const at::Tensor& t) { return lab::give(t); });
    } else if (result.isIntList()) {
        give_list<int64_t>(out, lab::TagIntList, result.toIntVector(), [](int64_t n) { return n; });
    } else if (result.isNone()) {
        out.tag = lab::TagNone;
    } else {
        TORCH_CHECK(false, "a result of type ", result.tagKind(), " cannot be handed over");
    }
}

void check_arity(const Operator& op, int given) {
    TORCH_CHECK(static_cast<size_t>(given) <= op.arguments,
                toString(op.handle.schema().operator_name()), " takes ", op.arguments, " arguments and was given ", given);
}

torch::jit::Stack arguments_of(const Operator& op, const Value* arguments, int given) {
    check_arity(op, given);
    torch::jit::Stack stack;
    stack.reserve(op.arguments);
    for (size_t i = 0; i < op.arguments; ++i) {
        if (i < static_cast<size_t>(given) && arguments[i].tag != lab::TagDefault) {
            stack.push_back(to_ivalue(arguments[i], op.wants[i]));
            continue;
        }
        const auto& declared = op.handle.schema().arguments()[i];
        TORCH_CHECK(declared.default_value().has_value(),
                    toString(op.handle.schema().operator_name()), " needs the argument ", declared.name());
        stack.push_back(*declared.default_value());
    }
    return stack;
}

}  // namespace

// Finds an operator ("aten::add", "Tensor"); the pointer stays valid for the life of the process.
LAB_API int lab_find(const char* name, const char* overload, void** found) {
    return lab::guarded([&] {
        auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
        std::vector<Wants> wants;
        for (const auto& argument : handle.schema().arguments()) {
            wants.push_back(wants_of(argument.type()));
        }
        auto count = wants.size();
        *found = new Operator{handle, std::move(wants), count};
    });
}

// Calls an operator. Arguments not given take the schema's defaults. At most `room` results are handed over
// (0: none, for operators that write in place); *produced says how many there were.
LAB_API int lab_call(void* op, const Value* arguments, int given, Value* results, int room, int* produced) {
    return lab::guarded([&] {
        lab::settle_threads();
        auto& callee = *static_cast<Operator*>(op);
        auto stack = arguments_of(callee, arguments, given);
        callee.handle.callBoxed(stack);
        auto count = static_cast<int>(stack.size());
        for (int i = 0; i < count && i < room; ++i) {
            to_value(stack[i], results[i]);
        }
        *produced = count;
    });
}

LAB_API void lab_free_list(void* list) { std::free(list); }

// Every schema the dispatcher knows, one a line; the text lives until the next call on this thread.
LAB_API const char* lab_schemas() {
    static thread_local std::string text;
    std::ostringstream lines;
    for (const auto& name : c10::Dispatcher::singleton().getAllOpNames()) {
        auto handle = c10::Dispatcher::singleton().findSchema(name);
        if (handle) {
            lines << handle->schema() << '\n';
        }
    }
    text = lines.str();
    return text.c_str();
}
