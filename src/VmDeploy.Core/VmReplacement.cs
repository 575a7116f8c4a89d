using System;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy;

/// <summary>
/// Puts a new VM in the place of one that is there. The old one is set aside under another name and removed only when the new
/// one is whole, so that a failure costs nothing.
/// </summary>
internal static class VmReplacement
{
    // The limit of vSphere, in characters.
    private const int LongestName = 80;

    /// <summary>Returns what <paramref name="make"/> made under the old VM's name.</summary>
    /// <param name="old">The VM that is there.</param>
    /// <param name="make">Makes the new one; leaves nothing behind when it fails.</param>
    /// <param name="cancellationToken">Stops it; the old VM is there again then.</param>
    public static async Task<Vm> RunAsync(Vm old, Func<Task<Vm>> make, CancellationToken cancellationToken)
    {
        string name = old.Name, aside = Aside(name);
        Vm made;
        await old.Session.CheckRemovalAsync(old, cancellationToken);
        try
        {
            await old.Session.RenameVmAsync(old, aside, cancellationToken);
            made = await make();
        }
        catch (Exception failure)
        {
            await PutBackAsync(old, name, aside, failure);
            throw;
        }
        try
        {
            await old.Session.RemoveVmAsync(old, force: true, CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(e.Code, $"{name} is made, but the VM that it replaces is still there, as '{aside}': {e.Message}", old, e);
        }
        return made;
    }

    private static async Task PutBackAsync(Vm old, string name, string aside, Exception failure)
    {
        try
        {
            // The answer to the renaming may have been lost.
            if ((await old.Session.ReadVmAsync(old.Id, CancellationToken.None)).Name != name)
                await old.Session.RenameVmAsync(old, name, CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(e.Code,
                $"{name} can't be made: {failure.Message} The VM that it was to replace is there, but may be called '{aside}': {e.Message}", old, e);
        }
    }

    private static string Aside(string name)
    {
        string suffix = $" (replaced {Guid.NewGuid().ToString("N").Substring(0, 8)})";
        return name.Substring(0, Math.Min(name.Length, LongestName - suffix.Length)) + suffix;
    }
}
