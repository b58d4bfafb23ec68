#include "gateway/graphql/error.hpp"

#include "gateway/graphql/piece.hpp"

namespace opigno::graphql {

namespace {

/* position: of the byte `from`. Returns that of the byte `to`. */
Position advanced(Position position, std::string_view text, std::size_t from, std::size_t to)
{
    for (std::size_t place = from; place < text.size() && place < to; ++place) {
        const auto byte = static_cast<unsigned char>(text[place]);
        if (byte == '\n' || (byte == '\r' && piece(text, place + 1, 1) != "\n")) {
            ++position.line;
            position.column = 1;
        } else if (byte < 0x80 || byte >= 0xC0) { /* the first byte of a character */
            position.column += byte < 0xF0 ? 1 : 2;
        }
    }
    return position;
}

} // namespace

Position position_of(std::string_view text, Offset at)
{
    return advanced({}, text, 0, at);
}

Positions::Positions(std::string_view text, Arena &arena) : text_(text)
{
    const std::size_t count = text.size() / step + 1;
    known_ = {arena.array<Position>(count), count};
    for (std::size_t number = 1; number < count; ++number)
        known_[number] = advanced(known_[number - 1], text, (number - 1) * step, number * step);
}

Position Positions::of(Offset at) const
{
    const std::size_t number = std::min<std::size_t>(at / step, known_.size() - 1);
    return advanced(known_[number], text_, number * step, at);
}

} // namespace opigno::graphql
