#include "gateway/graphql/site_scopes.hpp"

#include "pg/hash.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/vector.hpp"

namespace opigno::graphql {

namespace {

constinit pg::CallerStatement
    list_scopes("SELECT s.scope, s.description FROM opigno.scopes() AS s WHERE NOT s.built_in");

} // namespace

std::span<const EnumValue> read_site_scopes()
{
    pg::Vector<EnumValue> scopes;
    const std::uint64_t rows = list_scopes.read(nullptr);
    for (std::uint64_t row = 0; row < rows; ++row) {
        const std::optional<Datum> description = pg::nullable_column(2, row);
        scopes.push_back(
            {pg::view(DatumGetTextPP(pg::column(1, row))),
             description.has_value() ? pg::view(DatumGetTextPP(*description)) : std::string_view(),
             {}});
    }
    return {scopes.begin(), scopes.size()};
}

std::uint64_t digest_of(std::span<const EnumValue> scopes)
{
    std::uint64_t digest = 0;
    for (const EnumValue &scope : scopes)
        digest = hash_bytes_extended(reinterpret_cast<const unsigned char *>(scope.name.data()),
                                     static_cast<int>(scope.name.size()), digest + 1);
    return digest;
}

} // namespace opigno::graphql
