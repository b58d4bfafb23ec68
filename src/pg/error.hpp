/*
 * What is wrong with a request, all of it: validators add one error each, and the caller either raises them
 * as one or writes them into a JSON answer (json/error_list.hpp).
 */
#pragma once

#include "pg/vector.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace opigno::pg {

/* Lower than the ordinal of any entry. */
inline constexpr std::int64_t no_ordinal = PG_INT64_MIN;

struct Error {
    int sqlstate;                       /* as ERRCODE_... packs it */
    const char *path;                   /* a JSON Pointer; "" is the whole request or entry */
    const char *message;                /* in PostgreSQL's style, and free of user data */
    const char *hint = nullptr;         /* a sentence */
    const char *user_message = nullptr; /* the second message that Open edX's clients show */

    /* Of an entry of a list: its place, from 1 in a body, and what it is for. */
    std::int64_t ordinal = no_ordinal;
    const text *user_uuid = nullptr;
    std::optional<std::int32_t> app_id = std::nullopt;
};

static_assert(std::is_trivially_destructible_v<Error>);

/* The first max_kept errors are kept and the others counted: a request may have millions. */
class Errors {
  public:
    /* Errors added from now on are of this element of their member's list; -1: of the member. */
    void set_element(int element) { element_ = element; }

    /* member: an argument, or a member of the document; nullptr is the whole. The rest is for printf; a
     * message longer than max_message bytes is cut. */
    void add(int sqlstate, const char *member, const char *format, ...) __attribute__((format(printf, 4, 5)));

    /* What it points to must live as long as this object. */
    void add(const Error &error);

    /* Sets the hint of the error added last. */
    void hint(const char *sentence);

    /* Ask before a message is made. */
    [[nodiscard]] bool is_full() const { return errors_.size() >= max_kept; }
    [[nodiscard]] bool empty() const { return errors_.empty(); }
    [[nodiscard]] std::span<const Error> all() const { return {errors_.begin(), errors_.size()}; }

    /* By member; those of one member stay in their order. */
    void sort();

    /* Returns if there is none; else raises the first with the others in DETAIL. */
    void raise() const;

  private:
    static constexpr std::size_t max_message = 400;
    static constexpr std::size_t max_in_detail = 10;
    static constexpr std::size_t max_kept = 100;

    [[nodiscard]] const char *path_to(const char *member) const;

    Vector<Error> errors_;
    std::size_t left_out_ = 0;
    int element_ = -1;
};

static_assert(std::is_trivially_destructible_v<Errors>);

} // namespace opigno::pg
