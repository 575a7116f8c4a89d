# The vSphere simulator of another project; tests/vcsim/build.sh builds it.
function Start-Vcsim([string]$Arguments) {
    $trace = Join-Path $TestDrive "$(New-Guid).trace"
    $start = [Diagnostics.ProcessStartInfo]::new("$Repository/tests/vcsim/bin/vcsim", "$Arguments -trace `"$trace`"")
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    $url = [uri]$process.StandardOutput.ReadLine()
    $process.BeginErrorReadLine()
    [pscustomobject]@{ Process = $process; Url = $url; Trace = $trace }
}

function Connect-Vcsim($Vcsim) {
    $credential = [pscredential]::new('user', (ConvertTo-SecureString 'pass' -AsPlainText -Force))
    Connect-Esxi $Vcsim.Url.Host $credential -Port $Vcsim.Url.Port -SkipCertificateCheck -WarningAction SilentlyContinue
}

# Ends it, and checks every request that it got against the official schema.
function Stop-Vcsim($Vcsim) {
    if (-not $Vcsim) { return }
    $Vcsim.Process.StandardInput.Close()
    $Vcsim.Process.WaitForExit()
    Assert-Schema $Vcsim.Trace
}
