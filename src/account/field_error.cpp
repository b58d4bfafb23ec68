#include "account/field_error.hpp"

#include "json/value/pointer.hpp"

namespace opigno::account {

namespace {

void write_messages(json::Writer &out, const FieldError &error)
{
    out.begin_object();
    out.key("developer_message").string(error.developer_message);
    out.key("user_message").string(error.user_message);
    out.end_object();
}

} // namespace

void FieldErrors::add(std::string_view member, const char *developer_message, const char *user_message)
{
    if (is_full())
        return;
    StringInfoData pointer;
    initStringInfo(&pointer);
    json::append_member(&pointer, member);
    errors_.push_back(
        {pointer.data, pnstrdup(member.data(), member.size()), developer_message, user_message});
}

void FieldErrors::add_at(const char *pointer, const char *developer_message, const char *user_message)
{
    if (!is_full())
        errors_.push_back({pointer, nullptr, developer_message, user_message});
}

void FieldErrors::write(json::Writer &out) const
{
    const FieldError &first = errors_[0];
    if (first.pointer[0] == '\0') {
        write_messages(out, first);
        return;
    }
    out.begin_object();
    out.key("field_errors").begin_object();
    for (const FieldError &error : errors_) {
        out.member(error.field != nullptr ? error.field : error.pointer);
        write_messages(out, error);
    }
    out.end_object();
    out.end_object();
}

} // namespace opigno::account
