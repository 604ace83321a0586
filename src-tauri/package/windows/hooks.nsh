; What the installer does beside its own. Never run.

; A process that runs cannot be replaced or removed: the one in the background is ended in order, after its last answers.
!macro EndBackground
  ${If} ${FileExists} "$INSTDIR\usher.exe"
    nsExec::Exec '"$INSTDIR\usher.exe" background --quit'
    Pop $0
  ${EndIf}
!macroend

!macro NSIS_HOOK_PREINSTALL
  !insertmacro EndBackground
!macroend

; The entry for start at login would do nothing without its program. Settings and sign-ins stay.
!macro NSIS_HOOK_PREUNINSTALL
  !insertmacro EndBackground
  ${If} $UpdateMode <> 1
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "app.usher.Usher"
  ${EndIf}
!macroend
