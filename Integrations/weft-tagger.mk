# $(eval $(call weft-tagger,NAME,SPEC,CHECKPOINT,FOLDER[,OPTIONS]))
#
# Rules that write the package of a trained model into FOLDER by `weft package`, and again when anything changes that it
# is made from: the spec with what it extends, the checkpoint, data, licences or Weft, which the command tells by the
# dependency file FOLDER.d. NAME is the name in the spec. Afterwards NAME-files are the files that a program needs, for
# its prerequisites, and NAME-flags and NAME-sources what its compilation needs:
#
#   include weft-tagger.mk
#   $(eval $(call weft-tagger,tiny,tiny.yaml,runs/tiny/model.safetensors,tiny))
#
#   program: program.c $(tiny-files)
#   	$(CC) $(CFLAGS) $(tiny-flags) -o $@ program.c $(tiny-sources) -lm
#
# Works with GNU make 3.81 and newer. WEFT names the command.
WEFT ?= weft

define weft-tagger
$(1)-sources := $(4)/$(1).c $(4)/$(1)-weights.c
$(1)-files := $(4)/$(1).c $(4)/$(1).h $(4)/$(1).weights $(4)/$(1)-weights.c
$(1)-flags := -I$(4) -ffp-contract=off

$(4)/$(1).c: $(2) $(3)
	$$(WEFT) package $(2) --checkpoint $(3) -o $(4) --depfile $(4).d $(5)
# One command writes them all; whichever it wrote first must not look older than what it is made by.
$(4)/$(1).h $(4)/$(1).weights $(4)/$(1)-weights.c: $(4)/$(1).c ; @touch -c $$@
-include $(4).d
endef
