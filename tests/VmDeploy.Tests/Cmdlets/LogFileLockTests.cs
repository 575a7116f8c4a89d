using VmDeploy.PowerShell;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

public sealed class LogFileLockTests
{
    [Fact]
    public void Spellings_of_one_file_have_one_lock()
    {
        using var folder = new TempFolder();
        var plain = folder["vm.log"];
        Assert.Equal(LogFileLock.NameOf(plain, ignoresCase: true), LogFileLock.NameOf(folder["VM.LOG"], ignoresCase: true));
        Assert.NotEqual(LogFileLock.NameOf(plain, ignoresCase: false), LogFileLock.NameOf(folder["VM.LOG"], ignoresCase: false));
        Assert.Equal(LogFileLock.NameOf(plain, ignoresCase: false), LogFileLock.NameOf(folder[Path.Combine("..", Path.GetFileName(Path.GetDirectoryName(plain)!), "vm.log")], ignoresCase: false));
        Assert.NotEqual(LogFileLock.NameOf(plain, ignoresCase: true), LogFileLock.NameOf(folder["vm2.log"], ignoresCase: true));
    }
}
