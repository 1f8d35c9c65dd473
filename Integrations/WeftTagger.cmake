# weft_tagger(NAME name SPEC file CHECKPOINT file [WEIGHTS fp32|bf16|int8] [MAX_SCORE_DROP points] [LICENSES file...])
#
# Makes a library target NAME of a trained model; NAME is the name in the spec. The code and weights are written by
# `weft package` at build time, and again when anything changes that they are made from: the spec with what it extends,
# the checkpoint, data, licences or Weft. The command tells what that is by a dependency file.
find_program(WEFT weft DOC "The command weft" REQUIRED)
get_filename_component(WEFT "${WEFT}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")

function(weft_tagger)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;SPEC;CHECKPOINT;WEIGHTS;MAX_SCORE_DROP" "LICENSES")
  foreach(required NAME SPEC CHECKPOINT)
    if(NOT arg_${required})
      message(FATAL_ERROR "weft_tagger: ${required} is missing")
    endif()
  endforeach()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "weft_tagger(NAME ${arg_NAME}): unknown argument '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  get_filename_component(spec "${arg_SPEC}" ABSOLUTE)
  get_filename_component(checkpoint "${arg_CHECKPOINT}" ABSOLUTE)
  set(options)
  if(arg_WEIGHTS)
    list(APPEND options --weights ${arg_WEIGHTS})
  endif()
  if(arg_MAX_SCORE_DROP)
    list(APPEND options --max-score-drop ${arg_MAX_SCORE_DROP})
  endif()
  set(licences)
  foreach(file IN LISTS arg_LICENSES)
    get_filename_component(file "${file}" ABSOLUTE)
    list(APPEND licences "${file}")
    list(APPEND options --license "${file}")
  endforeach()

  set(name ${arg_NAME})
  string(MAKE_C_IDENTIFIER "${name}" prefix)
  string(TOUPPER "${prefix}" upper)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}")
  add_custom_command(
    OUTPUT "${folder}/${name}.c" "${folder}/${name}.h" "${folder}/${name}.weights" "${folder}/${name}-weights.c"
    COMMAND "${WEFT}" package "${spec}" --checkpoint "${checkpoint}" --only c ${options} -o "${folder}"
      --depfile "${folder}.d"
    DEPENDS "${spec}" "${checkpoint}" ${licences}
    DEPFILE "${folder}.d"
    COMMENT "Packaging the tagger ${name}" VERBATIM)
  add_library(${name} STATIC "${folder}/${name}.c" "${folder}/${name}-weights.c")
  target_include_directories(${name} PUBLIC "${folder}")
  target_compile_options(${name} PRIVATE -ffp-contract=off)
  # A tagger without optimisation is some twenty times slower.
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    target_compile_options(${name} PRIVATE -O2)
  endif()
  set_target_properties(${name} PROPERTIES C_STANDARD 11 POSITION_INDEPENDENT_CODE ON)
  set_source_files_properties("${folder}/${name}-weights.c" PROPERTIES
    COMPILE_DEFINITIONS "${upper}_WEIGHTS_FILE=\"${folder}/${name}.weights\""
    OBJECT_DEPENDS "${folder}/${name}.weights")
  target_link_libraries(${name} PUBLIC m)
endfunction()
