/*
 * What must hold of a merge, its inverse and the checker for any two documents: one function for
 * fuzzer and unit tests. Each buffer is on the heap and exactly as large as the contract of
 * src/json says, so that AddressSanitizer sees a byte read or written outside.
 */
#pragma once

#include "fuzz/document.hpp"
#include "fuzz/host.hpp"

#include "json/merge/diff_plan.hpp"
#include "json/merge/merge_plan.hpp"
#include "json/merge/plan_writer.hpp"
#include "json/value/jsonb_check.hpp"

#include <cstring>
#include <memory>

namespace opigno::test {

/* Bytes of their own on the heap, without one to spare. */
class Exact {
  public:
    explicit Exact(std::string_view bytes) : size_(bytes.size()), at_(std::make_unique<char[]>(size_))
    {
        std::memcpy(at_.get(), bytes.data(), size_);
    }
    [[nodiscard]] const char *data() const { return at_.get(); }
    [[nodiscard]] std::string_view bytes() const { return {at_.get(), size_}; }

  private:
    std::size_t size_;
    std::unique_ptr<char[]> at_;
};

/* Room that is full of something, so that a byte left out shows. */
inline std::unique_ptr<char[]> room_of(std::size_t bytes)
{
    std::unique_ptr<char[]> room(new char[bytes]);
    std::memset(room.get(), 0xA5, bytes);
    return room;
}

inline const char *flaw_of(std::string_view bytes)
{
    const Arena arena;
    const Exact copy(bytes);
    return json::format_flaw(copy.bytes());
}

/* base: nullptr where there is none. As src/json/merge/merge_patch.cpp: a merge that changes nothing gives
 * its base. */
inline std::string merge(const std::string *base, const std::string &patch,
                         json::Depth depth = json::Depth::Whole)
{
    const Arena arena;
    const Exact left(base == nullptr ? "" : std::string_view(*base));
    const Exact right(patch);
    json::Plan plan;
    json::plan_merge(plan, left.bytes(), right.bytes(), depth);
    if (!plan.changes())
        return base == nullptr ? patch : *base;
    const auto room = room_of(left.bytes().size() + right.bytes().size() + plan.slack());
    const char *end = json::write_plan(plan, room.get());
    return end == nullptr ? "too large" : std::string(static_cast<const char *>(room.get()), end);
}

struct Difference {
    bool exists;
    std::string patch;
    std::vector<std::string> path; /* to the null, where there is no patch */
};

inline Difference diff(const std::string *source, const std::string &target)
{
    const Arena arena;
    const Exact left(source == nullptr ? "" : std::string_view(*source));
    const Exact right(target);
    json::Plan plan;
    json::KeyPath path;
    Difference found{
        json::plan_diff(plan, source == nullptr ? nullptr : left.data(), right.data(), path), target, {}};
    if (!found.exists) {
        for (std::size_t at = path.size(); at-- > 0;)
            found.path.emplace_back(path[at]);
    } else if (source != nullptr) {
        const auto room = room_of(left.bytes().size() + right.bytes().size() + plan.slack());
        const char *end = json::write_plan(plan, room.get());
        found.patch = end == nullptr ? "too large" : std::string(static_cast<const char *>(room.get()), end);
    }
    return found;
}

/* Whether the path of a refusal leads to a null of the target that the source has not. */
inline bool leads_to_new_null(const std::vector<std::string> &path, const Document *source,
                              const Document *target)
{
    for (const std::string &key : path) {
        source = is_object(source) ? find(*source, key) : nullptr;
        target = is_object(target) ? find(*target, key) : nullptr;
    }
    return !path.empty() && target != nullptr && is_null(*target) && (source == nullptr || !is_null(*source));
}

/* Of two objects' difference: the model's, and the way back. */
inline const char *broken_law_of_diff(const Document *source, const Document &target)
{
    const std::string from = source == nullptr ? "" : container_of(*source);
    const std::string to = container_of(target);
    const Difference found = diff(source == nullptr ? nullptr : &from, to);
    Document expected;
    if (difference(source, target, expected) != found.exists)
        return "a difference exists exactly where no null is new";
    if (!found.exists)
        return leads_to_new_null(found.path, source, &target)
                   ? nullptr
                   : "a refusal names the path to a null that is new";
    if (found.patch != container_of(expected))
        return "the difference is the smallest patch";
    if (flaw_of(found.patch) != nullptr)
        return "the difference is a document";
    if (merge(source == nullptr ? nullptr : &from, found.patch) != to)
        return "the difference leads to the target";
    return nullptr;
}

/* Members taken over as they are, and nulls that remove. */
inline const char *broken_law_of_replacing(const Document &base, const Document &patch)
{
    Document expected = base;
    for (const auto &[key, value] : patch.members) {
        if (is_null(value))
            expected.members.erase(key);
        else
            expected.members[key] = value;
    }
    const std::string from = container_of(base);
    const std::string result = merge(&from, container_of(patch), json::Depth::Root);
    return result == container_of(expected) ? nullptr : "members are replaced as they are";
}

/* nullptr, or what does not hold; base: nullptr where there is none; both are objects. */
inline const char *broken_law(const Document *base, const Document &patch)
{
    const std::string from = base == nullptr ? "" : container_of(*base);
    const std::string by = container_of(patch);
    if ((base != nullptr && flaw_of(from) != nullptr) || flaw_of(by) != nullptr)
        return "the checker accepts canonical documents";
    const Document expected = merged(base, patch);
    const std::string result = merge(base == nullptr ? nullptr : &from, by);
    if (flaw_of(result) != nullptr)
        return "the result is a document";
    if (result != container_of(expected))
        return "the result is that of RFC 7396";
    if (merge(&result, by) != result)
        return "a patch applied twice is a patch applied once";
    if (merge(&result, container_of(object())) != result)
        return "an empty patch changes nothing";
    if (const char *law = broken_law_of_diff(base, expected); law != nullptr)
        return law;
    if (base != nullptr) {
        if (const char *law = broken_law_of_diff(&expected, *base); law != nullptr)
            return law;
        if (const char *law = broken_law_of_replacing(*base, patch); law != nullptr)
            return law;
    }
    return broken_law_of_diff(base, patch);
}

} // namespace opigno::test
