#include "json/schema/compile.hpp"

#include "json/schema/assembly.hpp"
#include "json/schema/cycle.hpp"

namespace opigno::json::schema {

const Program *compile(const Value &schema, const Options &options, SchemaFaults &faults,
                       SchemaFaults &unknown)
{
    Arena arena;
    Places places(arena, faults, unknown);
    Index index(arena, options, places);
    index.build(schema);
    if (places.have_faults())
        return nullptr;
    const Program *program = Assembly(arena, options, places, index).build();
    if (places.have_faults())
        return nullptr;
    const NodeId cycle = find_cycle(*program, arena);
    if (cycle == no_node)
        return program;
    faults.add() = {program->nodes[cycle].pointer,
                    "the schema leads back to itself without descending into the document"};
    return nullptr;
}

} // namespace opigno::json::schema
