# Run by embed(): writes the files INPUTS into the header OUTPUT as the string VARIABLE. One literal
# per line of text: compilers limit the length of a single one.
set(body "")
foreach(input IN LISTS INPUTS)
  file(READ "${input}" text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n  \"" text "${text}")
  string(APPEND body "  \"${text}\"\n")
endforeach()
file(WRITE "${OUTPUT}" "#pragma once\n\n#include <string_view>\n\nnamespace varia {\n\n"
  "inline constexpr std::string_view ${VARIABLE} =\n${body}  ;\n\n} // namespace varia\n")
