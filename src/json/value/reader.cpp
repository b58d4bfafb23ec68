#include "json/value/reader.hpp"

namespace opigno::json {

JsonbValue root_of(Jsonb *document)
{
    JsonbValue value{};
    if (!JsonbExtractScalar(&document->root, &value)) {
        value.type = jbvBinary;
        value.val.binary.data = &document->root;
        value.val.binary.len = static_cast<int>(VARSIZE_ANY_EXHDR(document));
    }
    return value;
}

const char *type_of(const JsonbValue &value)
{
    switch (value.type) {
    case jbvNull:
        return "null";
    case jbvString:
        return "a string";
    case jbvNumeric:
        return "a number";
    case jbvBool:
        return "a boolean";
    default:
        return is_object(value) ? "an object" : "an array";
    }
}

} // namespace opigno::json
