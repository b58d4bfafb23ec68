#include "json/error_list.hpp"

#include "pg/pointer.hpp"
#include "pg/text.hpp"

namespace opigno::json {

namespace {

void write_messages(Writer &out, const pg::Error &error)
{
    out.begin_object();
    out.key("developer_message").string(error.message);
    out.key("user_message").string(error.user_message != nullptr ? error.user_message : error.message);
    out.end_object();
}

} // namespace

void write_error(Writer &out, const pg::Error &error, Hints hints)
{
    out.begin_object();
    if (error.ordinal != pg::no_ordinal)
        out.key("ordinal").integer(error.ordinal);
    if (error.user_uuid != nullptr && error.shows_user)
        out.key("user_id").string(pg::view(error.user_uuid));
    if (error.training_id != nullptr)
        out.key("training_id").string(pg::view(error.training_id));
    if (error.app_id.has_value())
        out.key("app_id").integer(*error.app_id);
    out.key("code").string(unpack_sql_state(error.sqlstate));
    out.key("path").string(error.path);
    out.key("message").string(error.message);
    if (hints == Hints::Shown && error.hint != nullptr)
        out.key("hint").string(error.hint);
    out.end_object();
}

void write_errors(Writer &out, std::span<const pg::Error> errors, Hints hints)
{
    out.key("errors").begin_array();
    for (const pg::Error &error : errors) {
        CHECK_FOR_INTERRUPTS();
        write_error(out, error, hints);
    }
    out.end_array();
}

void write_field_errors(Writer &out, std::span<const pg::Error> errors)
{
    if (errors[0].path[0] == '\0') {
        write_messages(out, errors[0]);
        return;
    }
    out.begin_object();
    out.key("field_errors").begin_object();
    for (const pg::Error &error : errors) {
        const char *member = pg::member_at(error.path);
        out.member(member != nullptr ? member : error.path);
        write_messages(out, error);
    }
    out.end_object();
    out.end_object();
}

} // namespace opigno::json
