# The pipeline with a large inventory: VMs are read page by page, and none is kept after it was used.
BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $simulator = Start-Simulator @{ vms = 10000 }
    $null = Connect-Simulator $simulator
    function Get-PageCount { (Send-Order $simulator @{ do = 'count'; method = 'ContinueRetrievePropertiesEx' }).Count }
}

AfterAll {
    Get-VmSession | Disconnect-Esxi
    Stop-Simulator $simulator
}

Describe 'Get-VmInstance on a host with 10,000 VMs' -ForEach @(
    @{ names = @{} }
    @{ names = @{ Name = 'vm-*' } }
) {
    It 'asks for a page when the one before has been used' {
        $before = Get-PageCount
        $pages = [Collections.Generic.HashSet[int]]::new()
        $read = 0
        Get-VmInstance @names | ForEach-Object {
            if ($read++ % 1000 -in 0, 999) { $null = $pages.Add([Math]::Floor(($read - 1) / 1000) - ((Get-PageCount) - $before)) }
        }
        $read | Should -Be 10000
        $pages | Should -Be 0
    }

    It 'keeps nothing of the pages before' {
        $early = [Collections.Generic.List[WeakReference]]::new()
        $read = 0
        Get-VmInstance @names | ForEach-Object {
            if ($read++ -lt 1000) { $early.Add([WeakReference]::new($_)) }
            if ($read -eq 9500) {
                [GC]::Collect()
                $alive = $early.Where({ $_.IsAlive }).Count
            }
        }
        $early.Count | Should -Be 1000
        $alive | Should -BeLessThan 10
    }

    It 'stops asking when nobody wants more' {
        $before = Get-PageCount
        @(Get-VmInstance @names | Select-Object -First 5).Count | Should -Be 5
        Get-PageCount | Should -Be $before
    }
}
