/*
 * Memory for trees and errors. Blocks come from json::allocate(): in the server from the current
 * memory context, which also frees them. So the same context is current in each call that uses an
 * arena. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/value/host.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <type_traits>

namespace opigno::json {

class Arena {
  public:
    /* An object with the initial values of its members. */
    template <typename T> T *make() { return array<T>(1); }

    template <typename T> T *array(std::size_t count)
    {
        static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
        static_assert(alignof(T) <= alignof(std::max_align_t));
        const std::size_t size = count * sizeof(T); // NOLINT(bugprone-sizeof-expression): T may be a pointer
        T *items = static_cast<T *>(allocate(size));
        std::fill_n(items, count, T{});
        return items;
    }

    char *bytes(std::size_t size) { return static_cast<char *>(allocate(size)); }

    std::string_view join(std::initializer_list<std::string_view> parts)
    {
        std::size_t size = 0;
        for (const std::string_view part : parts)
            size += part.size();
        char *text = bytes(size);
        char *to = text;
        for (const std::string_view part : parts)
            to = std::copy(part.begin(), part.end(), to);
        return {text, size};
    }

  private:
    void *allocate(std::size_t size)
    {
        constexpr std::size_t alignment = alignof(std::max_align_t);
        size = (size + alignment - 1) / alignment * alignment;
        if (size > left_) {
            left_ = std::max(size, block);
            at_ = static_cast<char *>(json::allocate(left_));
        }
        char *made = at_;
        at_ += size;
        left_ -= size;
        return made;
    }

#ifdef OPIGNO_ARENA_BLOCK /* 1: sanitizers see the bounds of each allocation */
    static constexpr std::size_t block = OPIGNO_ARENA_BLOCK;
#else
    static constexpr std::size_t block = 8000;
#endif
    char *at_ = nullptr;
    std::size_t left_ = 0;
};

static_assert(std::is_trivially_destructible_v<Arena>);

} // namespace opigno::json
