/* What is wrong with a patch, all of it, in Open edX's words: {"field_errors": {field: {"developer_message",
 * "user_message"}}}. */
#pragma once

#include "pg/vector.hpp"
#include "json/value/writer.hpp"

#include <string_view>

namespace opigno::account {

struct FieldError {
    const char *pointer; /* to what is at fault: a JSON Pointer (RFC 6901) */
    const char *field;   /* its name, where it is a member of the patch itself; else nullptr */
    const char *developer_message;
    const char *user_message;
};

class FieldErrors {
  public:
    /* The first faults are kept, since a patch may have millions: ask before a message is made. */
    [[nodiscard]] bool is_full() const { return errors_.size() >= max_kept; }

    /* At a member of the patch. */
    void add(std::string_view member, const char *developer_message, const char *user_message);

    /* Further down: "/extended_profile/3/field_name". */
    void add_at(const char *pointer, const char *developer_message, const char *user_message);

    /* At the patch itself. */
    void add_whole(const char *message) { add_at("", message, message); }

    [[nodiscard]] bool empty() const { return errors_.empty(); }
    [[nodiscard]] const pg::Vector<FieldError> &all() const { return errors_; }

    /* Members by name, others by pointer; a fault of the patch itself stands alone, without field_errors. */
    void write(json::Writer &out) const;

  private:
    static constexpr std::size_t max_kept = 100;

    pg::Vector<FieldError> errors_;
};

static_assert(std::is_trivially_destructible_v<FieldErrors>);

} // namespace opigno::account
