#include "client/jwt/claims.hpp"

#include "client/jwt/document.hpp"
#include "json/text/text_scanner.hpp"

#include <cstdlib>
#include <cstring>

namespace opigno::jwt {

namespace {

/* Whether two words are the same in ASCII, in any letter case. word: in lower case. */
bool is_same_word(std::string_view given, std::string_view word)
{
    if (given.size() != word.size())
        return false;
    for (std::size_t at = 0; at < given.size(); ++at) {
        const char c = given[at];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c | ' ') : c) != word[at])
            return false;
    }
    return true;
}

/* RFC 7515 section 4.1.9: "application/" may be left out. */
bool is_token_type(std::string_view type)
{
    constexpr std::string_view prefix = "application/";
    if (type.size() > prefix.size() && is_same_word({type.data(), prefix.size()}, prefix))
        type.remove_prefix(prefix.size());
    return is_same_word(type, "jwt") || is_same_word(type, "at+jwt");
}

/* The last second of the year 9999. */
constexpr double max_time = 253402300799;

/* Reads a NumericDate. Returns nothing for another type and for what is out of range. */
std::optional<double> time_of(std::string_view value)
{
    constexpr std::size_t max_size = 40;
    char number[max_size + 1] = {};
    if (value.empty() || value.size() > max_size || value.front() < '0' || value.front() > '9')
        return std::nullopt;
    std::memcpy(number, value.data(), value.size());
    const double time = std::strtod(number, nullptr);
    return time >= 0 && time <= max_time ? std::optional<double>(time) : std::nullopt;
}

/* The claims that have names in RFC 7519. */
struct Registered {
    std::optional<std::string_view> expires_at;
    std::optional<std::string_view> not_before;
    std::optional<std::string_view> issued_at;
    std::optional<std::string_view> audience;
};

const char *check_times(const Registered &claims, const Rules &rules)
{
    if (!claims.expires_at.has_value())
        return "the token has no \"exp\"";
    const std::optional<double> expires_at = time_of(*claims.expires_at);
    if (!expires_at.has_value())
        return "\"exp\" is not a number from 0 to 253402300799";
    if (rules.now >= *expires_at + rules.leeway)
        return "the token has expired";
    if (claims.not_before.has_value()) {
        const std::optional<double> not_before = time_of(*claims.not_before);
        if (!not_before.has_value())
            return "\"nbf\" is not a number from 0 to 253402300799";
        if (rules.now < *not_before - rules.leeway)
            return "the token is not valid yet: \"nbf\" is in the future";
    }
    if (claims.issued_at.has_value()) {
        const std::optional<double> issued_at = time_of(*claims.issued_at);
        if (!issued_at.has_value())
            return "\"iat\" is not a number from 0 to 253402300799";
        if (rules.now < *issued_at - rules.leeway)
            return "\"iat\" is in the future";
    }
    return nullptr;
}

/* Whether "aud" is a string or an array of strings. */
bool is_audience(std::string_view value)
{
    if (!value.starts_with('['))
        return value.starts_with('"');
    bool is_valid = true;
    json::each_element_text(
        value, [&](std::string_view element) { is_valid = is_valid && element.starts_with('"'); });
    return is_valid;
}

/* RFC 7519 section 4.1.3: whoever is not named must refuse a token that names its audience. */
const char *check_audience(const Registered &claims, const Rules &rules)
{
    if (!claims.audience.has_value())
        return rules.audience.empty() ? nullptr : "the token has no \"aud\", and the issuer requires one";
    if (!is_audience(*claims.audience))
        return "\"aud\" is not a string or an array of strings";
    for (const std::string_view name : rules.audience)
        if (has_string(*claims.audience, name))
            return nullptr;
    return rules.audience.empty() ? "the token has \"aud\", and the issuer has no audience"
                                  : "\"aud\" is another audience";
}

bool is_operator(std::string_view text, const Rules &rules)
{
    if (!rules.operator_claim.has_value())
        return false;
    const std::optional<std::string_view> claim = find_value(text, *rules.operator_claim);
    if (!claim.has_value())
        return false;
    return rules.operator_value.has_value() ? has_string(*claim, *rules.operator_value) : *claim == "true";
}

} // namespace

const char *read_header(std::string_view text, Header &header)
{
    if (const char *reason = check_object(text); reason != nullptr)
        return reason;
    if (find_member(text, "crit").has_value())
        return "the header has \"crit\"";
    for (const std::string_view name : {"cty", "zip", "b64"})
        if (find_member(text, name).has_value())
            return "the header has \"cty\", \"zip\" or \"b64\"";
    if (const std::optional<std::string_view> type = find_member(text, "typ"); type.has_value()) {
        const std::optional<std::string_view> word = string_of(*type);
        if (!word.has_value() || !is_token_type(*word))
            return "\"typ\" is not JWT or at+jwt";
    }
    if (const std::optional<std::string_view> key_id = find_member(text, "kid"); key_id.has_value()) {
        header.key_id = string_of(*key_id);
        if (!header.key_id.has_value())
            return "\"kid\" is not a string";
    }
    const std::optional<std::string_view> word =
        string_of(find_member(text, "alg").value_or(std::string_view()));
    const std::optional<Algorithm> algorithm =
        word.has_value() ? algorithm_of(*word) : std::optional<Algorithm>();
    if (!algorithm.has_value())
        return "\"alg\" is not an algorithm that can be registered";
    header.algorithm = *algorithm;
    return nullptr;
}

const char *read_issuer(std::string_view text, std::optional<std::string_view> &issuer)
{
    if (const char *reason = check_object(text); reason != nullptr)
        return reason;
    const std::optional<std::string_view> claim = find_member(text, "iss");
    if (!claim.has_value())
        return nullptr;
    issuer = string_of(*claim);
    return issuer.has_value() ? nullptr : "\"iss\" is not a string";
}

const char *read_claims(std::string_view text, const Rules &rules, Claims &claims)
{
    const Registered registered{find_member(text, "exp"), find_member(text, "nbf"), find_member(text, "iat"),
                                find_member(text, "aud")};
    if (const char *reason = check_times(registered, rules); reason != nullptr)
        return reason;
    if (const char *reason = check_audience(registered, rules); reason != nullptr)
        return reason;
    if (const std::optional<std::string_view> user = find_value(text, rules.user_claim); user.has_value()) {
        claims.user = string_of(*user);
        if (!claims.user.has_value())
            return "the claim that names the user is not a string";
    }
    claims.is_operator = is_operator(text, rules);
    return nullptr;
}

} // namespace opigno::jwt
