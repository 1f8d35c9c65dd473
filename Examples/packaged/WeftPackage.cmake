# weft_package(NAME SPEC file CHECKPOINT file [WEIGHTS fp32|bf16|int8] [LICENSES file...])
#
# Makes a library target NAME of a trained model, by `weft package` at build time; NAME is the name in the spec. It is
# made again when the spec, the checkpoint or a licence changes: the command tells by a dependency file.
find_program(WEFT weft DOC "The command weft")
if(NOT IS_ABSOLUTE "${WEFT}")
  get_filename_component(WEFT "${WEFT}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
endif()

function(weft_package name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SPEC;CHECKPOINT;WEIGHTS" "LICENSES")
  foreach(required SPEC CHECKPOINT)
    if(NOT arg_${required})
      message(FATAL_ERROR "weft_package(${name}): ${required} is missing")
    endif()
    get_filename_component(${required} "${arg_${required}}" ABSOLUTE)
  endforeach()
  if(NOT arg_WEIGHTS)
    set(arg_WEIGHTS fp32)
  endif()
  set(licences)
  foreach(file IN LISTS arg_LICENSES)
    get_filename_component(file "${file}" ABSOLUTE)
    list(APPEND licences --license "${file}")
  endforeach()
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}")
  add_custom_command(
    OUTPUT "${folder}/${name}.c" "${folder}/${name}.h" "${folder}/${name}.weights" "${folder}/${name}-weights.S"
    COMMAND "${WEFT}" package "${SPEC}" --checkpoint "${CHECKPOINT}" --weights ${arg_WEIGHTS} --only c ${licences}
      -o "${folder}" --depfile "${folder}.d"
    DEPENDS "${SPEC}" "${CHECKPOINT}" ${arg_LICENSES}
    DEPFILE "${folder}.d"
    COMMENT "Packaging the tagger ${name}" VERBATIM)
  add_library(${name} STATIC "${folder}/${name}.c" "${folder}/${name}-weights.S")
  target_include_directories(${name} PUBLIC "${folder}")
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:C>:-O2 -ffp-contract=off>)
  set_target_properties(${name} PROPERTIES C_STANDARD 11)
  set_source_files_properties("${folder}/${name}-weights.S" PROPERTIES
    COMPILE_OPTIONS "-Wa,-I,${folder}" OBJECT_DEPENDS "${folder}/${name}.weights")
  target_link_libraries(${name} PUBLIC m)
endfunction()
