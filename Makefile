.PHONY: templates

# Embeds Templates/ in the compiler.
templates:
	Templates/embed.sh > Sources/WeftCodegen/Kernels/Templates.generated.swift.new
	mv Sources/WeftCodegen/Kernels/Templates.generated.swift.new Sources/WeftCodegen/Kernels/Templates.generated.swift
