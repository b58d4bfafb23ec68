#include "bulk/syntax.hpp"

#include "pg/pointer.hpp"
#include "pg/text.hpp"
#include "json/text/repeated_members.hpp"
#include "json/text/syntax_error.hpp"

namespace opigno::bulk {

namespace {

/* Not numbers beyond numeric and texts that are too deep: what is wrong with these is not in the
 * grammar. */
bool is_about_syntax(int sqlstate)
{
    return sqlstate == ERRCODE_INVALID_TEXT_REPRESENTATION || sqlstate == ERRCODE_UNTRANSLATABLE_CHARACTER ||
           sqlstate == ERRCODE_FEATURE_NOT_SUPPORTED; /* before 16: no conversion from Unicode */
}

} // namespace

const char *message_of(const pg::Error &why, std::string_view text, std::string_view body,
                       std::int64_t offset)
{
    const json::SyntaxError error =
        is_about_syntax(why.sqlstate) ? json::find_syntax_error(text) : json::SyntaxError{};
    if (error.reason == nullptr)
        return why.message;
    if (body.empty())
        return psprintf("invalid JSON at byte %zu: %s", error.at + 1, error.reason);
    const auto start = static_cast<std::size_t>(text.data() - body.data() + offset);
    return psprintf("invalid JSON at byte %zu of the body: %s", start + error.at + 1, error.reason);
}

std::optional<pg::Error> error_of(const json::BodyFlaw &flaw, std::string_view list, std::int64_t read)
{
    using Kind = json::BodyFlaw::Kind;
    if (flaw.kind == Kind::None)
        return std::nullopt;
    if (flaw.kind == Kind::SecondList)
        return json::repeated_member(list);
    if (flaw.kind == Kind::OtherList)
        return pg::Error{ERRCODE_INVALID_PARAMETER_VALUE, "",
                         psprintf("the member that holds the entries must be \"%s\"", pg::quoted(list))};
    if (flaw.kind == Kind::NoList)
        return pg::Error{ERRCODE_INVALID_PARAMETER_VALUE, pg::pointer_to(list),
                         psprintf("\"%s\" must be an array of entries", pg::quoted(list))};
    pg::Error error{ERRCODE_INVALID_TEXT_REPRESENTATION, "", nullptr};
    if (flaw.kind == Kind::Body)
        error.message = psprintf("invalid JSON at byte %zu of the body: %s", flaw.at + 1, flaw.reason);
    else
        error.message = psprintf("invalid JSON at byte %zu of the body, in entry " INT64_FORMAT ": %s",
                                 flaw.at + 1, read + 1, flaw.reason);
    if (flaw.kind == Kind::SplitEntry)
        error.hint = "In a body of lines (NDJSON) each entry stands on one line, as \"jq -c\" writes it.";
    return error;
}

} // namespace opigno::bulk
