#include "json/value/builder.hpp"

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

#if PG_VERSION_NUM >= 190000

void ObjectBuilder::push(JsonbIteratorToken token, JsonbValue *value)
{
    pushJsonbValue(&state_, token, value);
}

Jsonb *ObjectBuilder::finish()
{
    push(WJB_END_OBJECT, nullptr);
    return JsonbValueToJsonb(state_.result);
}

#else

void ObjectBuilder::push(JsonbIteratorToken token, JsonbValue *value)
{
    result_ = pushJsonbValue(&state_, token, value);
}

Jsonb *ObjectBuilder::finish()
{
    push(WJB_END_OBJECT, nullptr);
    return JsonbValueToJsonb(result_);
}

#endif

} // namespace opigno::json
