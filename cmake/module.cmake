# module(<folder> [USES <target>...]): one static library per folder. USES is the whole truth about
# what the folder may include; tests/tidy checks the code against it.
# PRECOMPILES are headers that most of its files read, FOLDERS those below it that belong to it.
function(module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;PRECOMPILES;FOLDERS")
  set(patterns "${PROJECT_SOURCE_DIR}/${name}/*.cpp")
  foreach(folder ${arg_FOLDERS})
    list(APPEND patterns "${PROJECT_SOURCE_DIR}/${name}/${folder}/*.cpp")
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${patterns})
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PUBLIC ${arg_USES} PRIVATE warnings)
  set(${name}_precompiles ${arg_PRECOMPILES} PARENT_SCOPE)
  precompile(${name} ${arg_PRECOMPILES})
endfunction()

# Has headers read once for all files of a target, with the templates they bring. It spares clang a
# third of its time; to g++ it makes little difference. So one build in two shows that each file includes
# what it needs.
function(precompile target)
  if(ARGN AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()
