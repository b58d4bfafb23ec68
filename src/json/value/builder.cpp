#include "json/value/builder.hpp"

#include "pg/jsonb.hpp"
#include "json/value/reader.hpp"

namespace opigno::json {

ObjectBuilder::ObjectBuilder()
{
    push(WJB_BEGIN_OBJECT, nullptr);
}

void ObjectBuilder::add(std::string_view key, JsonbValue value)
{
    JsonbValue name = string_value(key);
    push(WJB_KEY, &name);
    push(WJB_VALUE, &value);
    is_empty_ = false;
}

void ObjectBuilder::push(JsonbIteratorToken token, JsonbValue *value)
{
    pushJsonbValue(&state_, token, value);
}

Jsonb *ObjectBuilder::finish()
{
    push(WJB_END_OBJECT, nullptr);
    return JsonbValueToJsonb(state_.result);
}

} // namespace opigno::json
