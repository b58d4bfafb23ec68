/*
 * Collects all errors of a request. Validators add errors. The caller either raises them as one
 * error or writes them into a JSON answer (json/error_list.hpp).
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

    /* For an error of an entry: the entry's ordinal, which starts at 1 in a body, and the parts of its
     * key. */
    std::int64_t ordinal = no_ordinal;
    const text *user_uuid = nullptr;
    const text *training_id = nullptr;
    std::optional<std::int32_t> app_id = std::nullopt;
    bool shows_user = true; /* in JSON answers; opigno.bulk_error has the user in any case */
};

static_assert(std::is_trivially_destructible_v<Error>);

/* Keeps the first max_kept errors and counts the others: a request may have millions. */
class Errors {
  public:
    /* Errors added from now on refer to this element of their member's list; -1: to the member
     * itself. */
    void set_element(int element) { element_ = element; }

    /* member: an argument, or a member of the document; nullptr is the whole. format and what
     * follows: as for printf. A message longer than max_message bytes is truncated. */
    void add(int sqlstate, const char *member, const char *format, ...) __attribute__((format(printf, 4, 5)));

    /* The data that the error points to must live as long as this object. */
    void add(const Error &error);

    /* Sets the hint of the error added last. */
    void hint(const char *sentence);

    /* Whether further errors are only counted, so that their messages need not be formatted. */
    [[nodiscard]] bool is_full() const { return errors_.size() >= max_kept; }
    [[nodiscard]] bool empty() const { return errors_.empty(); }
    [[nodiscard]] std::span<const Error> all() const { return {errors_.begin(), errors_.size()}; }

    /* Sorts by member. Errors of one member stay in their order. */
    void sort();

    /* Raises the first error, with the others in DETAIL. Returns if there are no errors. */
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

/*
 * Returns the errors with which Errors::raise() raised this one, for code that catches the error: the
 * error itself has only their messages. Returns none if it was raised otherwise. They are valid until
 * the next raise().
 */
std::span<const Error> raised_with(const ErrorData &error);

/* Makes raised_with() return none until the next raise(). */
void forget_raised_errors();

} // namespace opigno::pg
