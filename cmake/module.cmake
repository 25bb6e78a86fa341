# module(<folder> [USES <target>...]): one static library per folder. USES is the whole truth about
# what the folder may include; tests/tidy checks the code against it.
function(module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES")
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${name}/*.cpp")
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PUBLIC ${arg_USES} PRIVATE warnings)
endfunction()
