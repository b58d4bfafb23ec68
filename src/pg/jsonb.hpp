/* The form in which jsonb is stored, how it is built, and a member of a json object. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <utils/builtins.h>
#include <utils/fmgrprotos.h>
#include <utils/json.h>
#include <utils/jsonb.h>
}

#include <optional>

namespace opigno::pg {

/* The operator -> of type json: the text of the member as it is. */
inline std::optional<Datum> json_member(Datum object, const char *name)
{
    LOCAL_FCINFO(call, 2);
    InitFunctionCallInfoData(*call, nullptr, 2, InvalidOid, nullptr, nullptr);
    call->args[0] = {object, false};
    call->args[1] = {CStringGetTextDatum(name), false};
    const Datum member = json_object_field(call);
    return call->isnull ? std::nullopt : std::optional<Datum>(member);
}

} // namespace opigno::pg
