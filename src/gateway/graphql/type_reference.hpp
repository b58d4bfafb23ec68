/* Types as fields, arguments and variables have them: [ID!]. Does not depend on PostgreSQL. */
#pragma once

#include <cstdint>
#include <type_traits>

namespace opigno::graphql {

enum class Layer : std::uint8_t { None = 0, NonNull = 1, List = 2 };

/* The lists and non-null marks around a named type. */
class Layers {
  public:
    /* A non-null mark may be around each list and the named type: 31 layers of two bits. */
    static constexpr unsigned max_lists = 15;

    constexpr Layers() = default;
    [[nodiscard]] constexpr Layer outer() const { return static_cast<Layer>(bits_ & 3U); }
    [[nodiscard]] constexpr Layers inner() const { return Layers(bits_ >> 2U); }
    [[nodiscard]] constexpr Layers within(Layer layer) const
    {
        return Layers(bits_ << 2U | static_cast<std::uint64_t>(layer));
    }
    [[nodiscard]] constexpr bool is_non_null() const { return outer() == Layer::NonNull; }
    [[nodiscard]] constexpr Layers nullable() const { return is_non_null() ? inner() : *this; }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    constexpr bool operator==(const Layers &other) const = default;

  private:
    constexpr explicit Layers(std::uint64_t bits) : bits_(bits) {}

    std::uint64_t bits_ = 0; /* the outermost layer is in the lowest bits */
};

struct Type;

/* A named type in its layers. Made by the three functions below: non_null(list_of(id)) is [ID]!. */
struct TypeReference {
    const Type *type = nullptr;
    Layers layers;

    constexpr TypeReference() = default;
    constexpr TypeReference(const Type &named) : type(&named) {} // NOLINT(google-explicit-constructor)
    constexpr TypeReference(const Type *named, Layers around) : type(named), layers(around) {}
    [[nodiscard]] constexpr bool is_known() const { return type != nullptr; }
    [[nodiscard]] constexpr bool is_list() const { return layers.nullable().outer() == Layer::List; }
    constexpr bool operator==(const TypeReference &other) const = default;
};

constexpr TypeReference non_null(TypeReference inner)
{
    return {inner.type, inner.layers.within(Layer::NonNull)};
}

constexpr TypeReference list_of(TypeReference inner)
{
    return {inner.type, inner.layers.within(Layer::List)};
}

static_assert(std::is_trivially_destructible_v<Layers>);
static_assert(std::is_trivially_destructible_v<TypeReference>);

} // namespace opigno::graphql
