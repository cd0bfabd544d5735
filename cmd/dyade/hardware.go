package main

import (
	"fmt"
	"os"
	"strings"

	"dyade/internal/i18n"
	"dyade/internal/kept"
	"dyade/pipeline/decode"
)

// hardwareVariable says which hardware may decode pictures.
const hardwareVariable = "DYADE_HWACCEL"

// openHardware finds what may decode pictures; memory keeps what was found out
// about it.
func openHardware(t *terminal, memory kept.Memory) (*decode.Hardware, error) {
	choice := os.Getenv(hardwareVariable)
	h, err := decode.OpenHardware(choice, memory)
	if err != nil {
		return nil, wrongUse{i18n.T(t.lang, "cli_no_such_hardware", hardwareVariable, choice, strings.Join(decode.Choices, ", "))}
	}
	return h, nil
}

// reportHardware says what decodes pictures here.
func reportHardware(t *terminal) error {
	h, err := openHardware(t, nil)
	if err != nil {
		return err
	}
	defer h.Close()
	line := i18n.T(t.lang, "doctor_software")
	if os.Getenv(hardwareVariable) == "none" {
		line = i18n.T(t.lang, "doctor_software_chosen", hardwareVariable)
	}
	if devices := h.Devices(); len(devices) > 0 {
		line = i18n.T(t.lang, "doctor_hardware", strings.Join(devices, ", "))
	}
	fmt.Fprintln(t.out, line)
	return nil
}
