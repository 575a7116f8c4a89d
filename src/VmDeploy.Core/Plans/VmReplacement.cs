using System;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy;

/// <summary>
/// Puts a new VM in the place of one that is there. The old one is set aside under another name and removed only when the new
/// one is whole, so that a failure costs nothing.
/// </summary>
/// <param name="old">The VM that is there.</param>
internal sealed class VmReplacement(Vm old)
{
    // The limit of vSphere, in characters.
    private const int LongestName = 80;

    private readonly string _name = old.Name;
    private readonly string _aside = Aside(old.Name);

    /// <summary>Returns what <paramref name="make"/> made under the old VM's name; the old one is there as before when that fails.</summary>
    /// <param name="make">Makes the new one; leaves nothing behind when it fails.</param>
    /// <param name="cancellationToken">Stops the renaming.</param>
    public async Task<Vm> MakeAsync(Func<Task<Vm>> make, CancellationToken cancellationToken)
    {
        await old.Session.CheckRemovalAsync(old, cancellationToken);
        try
        {
            await old.Session.RenameVmAsync(old, _aside, cancellationToken);
            return await make();
        }
        catch (Exception failure)
        {
            await PutBackAsync(failure);
            throw;
        }
    }

    /// <summary>Removes the old VM, running or not, with its disks.</summary>
    public async Task RemoveOldAsync()
    {
        try
        {
            await old.Session.RemoveVmAsync(old, force: true, CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(e.Code,
                $"{_name} is made, but the VM that it replaces, now called '{_aside}', is not removed whole: {e.Message}", old, e, e.Hint);
        }
    }

    private async Task PutBackAsync(Exception failure)
    {
        try
        {
            // The answer to the renaming may have been lost.
            if ((await old.Session.ReadVmAsync(old.Id, CancellationToken.None)).Name != _name)
                await old.Session.RenameVmAsync(old, _name, CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(e.Code,
                $"{_name} can't be made: {failure.Message} The VM that it was to replace is there, but may be called '{_aside}': {e.Message}", old, e);
        }
    }

    private static string Aside(string name)
    {
        var suffix = $" (replaced {Guid.NewGuid().ToString("N").Substring(0, 8)})";
        return name.Substring(0, Math.Min(name.Length, LongestName - suffix.Length)) + suffix;
    }
}
