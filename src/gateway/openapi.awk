# Turns docs/openapi.yaml into JSON, within a raw string of C++. awk is wherever make is; a reader
# of YAML is not. The document may use these parts of YAML:
#   - comments on lines of their own; mappings and lists in lines, indented by two spaces a level
#   - JSON values, which may continue on the following lines
#   - texts without quotes on one line, and texts after >- on the following lines
# The suite openapi compares the result with what a reader of YAML reads.

function fail(reason) {
    print FILENAME ": " reason ": " lines[at] >"/dev/stderr"
    exit 1
}

function quoted(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}

function indentation(line) {
    match(line, /^ */)
    return RLENGTH
}

# The number of brackets that the JSON text leaves open; strings do not count.
function open_brackets(json, brackets) {
    gsub(/"([^"\\]|\\.)*"/, "", json)
    brackets = json
    return gsub(/[{[]/, "", brackets) - gsub(/[]}]/, "", json)
}

function json_value(text) {
    while (open_brackets(text) > 0 && at < count)
        text = text " " substr(lines[++at], indentation(lines[at]) + 1)
    return text
}

function folded(parent, text) {
    text = ""
    while (at < count && indentation(lines[at + 1]) > parent) {
        ++at
        text = text (text == "" ? "" : " ") substr(lines[at], indentation(lines[at]) + 1)
    }
    return quoted(text)
}

function value(text, parent) {
    if (text ~ /^["{[]/)
        return json_value(text)
    if (text == ">-")
        return folded(parent)
    if (text ~ /^(true|false|null|-?[0-9]+(\.[0-9]+)?)$/)
        return text
    if (text ~ /^[]}&*!|>%@`'?,]/ || text ~ /: | #|:$/)
        fail("this is not a text without quotes")
    return quoted(text)
}

function close_down_to(indent) {
    while (depth > 0 && indents[depth] > indent)
        out = out ends[depth--]
}

function open_or_continue(indent, start, end) {
    if (depth > 0 && indents[depth] == indent) {
        if (ends[depth] != end)
            fail("a list and a mapping have the same indentation")
        out = out ",\n"
        return
    }
    ++depth
    indents[depth] = indent
    ends[depth] = end
    out = out start
}

function read_item(indent, text) {
    open_or_continue(indent, "[", "]")
    if (text ~ /^["{[]/ || text !~ /:( |$)/)
        out = out value(text, indent)
    else
        read_member(indent + 2, text)
}

function read_member(indent, text, key) {
    if (!match(text, /^("[^"]*"|[^ "]+):( |$)/))
        fail("this is no member of a mapping")
    key = substr(text, 1, RLENGTH)
    sub(/: ?$/, "", key)
    open_or_continue(indent, "{", "}")
    out = out (key ~ /^"/ ? key : quoted(key)) ":"
    text = substr(text, RLENGTH + 1)
    if (text != "")
        out = out value(text, indent)
    else if (indentation(lines[at + 1]) <= indent)
        fail("the value is missing")
    else if (substr(lines[at + 1], indentation(lines[at + 1]) + 1) ~ /^[{[]/)
        out = out value(substr(lines[++at], indentation(lines[at]) + 1), indent)
}

!/^ *(#|$)/ { lines[++count] = $0 }

END {
    for (at = 1; at <= count; ++at) {
        indent = indentation(lines[at])
        text = substr(lines[at], indent + 1)
        close_down_to(indent)
        if (text ~ /^- /)
            read_item(indent, substr(text, 3))
        else
            read_member(indent, text)
    }
    close_down_to(-1)
    printf "R\"json(%s)json\"\n", out
}
