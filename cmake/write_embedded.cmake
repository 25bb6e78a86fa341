# Run by write_embedded(): writes the files INPUTS into the header OUTPUT as the string VARIABLE, or,
# if they lie in a FOLDER, as an array of their names and texts. One literal per line of text:
# compilers limit the length of a single one.
function(literals_of input result)
  file(READ "${input}" text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  # Two question marks may begin a trigraph.
  string(REPLACE "?" "\\?" text "${text}")
  string(REPLACE "\n" "\\n\"\n  \"" text "${text}")
  set(${result} "  \"${text}\"\n" PARENT_SCOPE)
endfunction()

set(body "")
set(count 0)
foreach(input IN LISTS INPUTS)
  literals_of("${input}" literals)
  if(FOLDER)
    file(RELATIVE_PATH name "${FOLDER}" "${input}")
    string(APPEND body "  file_text{\"${name}\",\n${literals}  },\n")
    math(EXPR count "${count} + 1")
  else()
    string(APPEND body "${literals}")
  endif()
endforeach()

if(FOLDER)
  string(CONCAT declaration "#include <array>\n#include <string_view>\n#include <utility>\n\n"
    "namespace varia {\n\nusing file_text = std::pair<std::string_view, std::string_view>;\n\n"
    "inline constexpr std::array<file_text, ${count}> ${VARIABLE}{\n${body}}")
else()
  string(CONCAT declaration "#include <string_view>\n\nnamespace varia {\n\n"
    "inline constexpr std::string_view ${VARIABLE} =\n${body}  ")
endif()
file(WRITE "${OUTPUT}" "#pragma once\n\n${declaration};\n\n} // namespace varia\n")
