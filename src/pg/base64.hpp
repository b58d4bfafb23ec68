/* Base64. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <common/base64.h>
}

#include <optional>
#include <string_view>

namespace opigno::pg {

#if PG_VERSION_NUM >= 180000
using Base64Byte = uint8;
#else
using Base64Byte = char;
#endif

inline std::string_view encode_base64(std::string_view bytes)
{
    const int room = pg_b64_enc_len(static_cast<int>(bytes.size()));
    auto *text = static_cast<char *>(palloc(static_cast<Size>(room) + 1));
    const int length = pg_b64_encode(reinterpret_cast<const Base64Byte *>(bytes.data()),
                                     static_cast<int>(bytes.size()), text, room);
    return {text, static_cast<std::size_t>(length)};
}

/* Returns nothing if the text is not base64, which has no white space. */
inline std::optional<std::string_view> decode_base64(std::string_view text)
{
    const int room = pg_b64_dec_len(static_cast<int>(text.size()));
    auto *bytes = static_cast<char *>(palloc(static_cast<Size>(room) + 1));
    const int length = pg_b64_decode(text.data(), static_cast<int>(text.size()),
                                     reinterpret_cast<Base64Byte *>(bytes), room);
    if (length < 0)
        return std::nullopt;
    return std::string_view(bytes, static_cast<std::size_t>(length));
}

} // namespace opigno::pg
