#include "json/json_text.hpp"

namespace opigno::json {

Jsonb *try_read_json(std::string_view text, Unreadable & /*why*/)
{
    return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(text.data(), text.size()))));
}

} // namespace opigno::json
