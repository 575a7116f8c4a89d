using System.Text;
using VmDeploy.Transfer;

namespace VmDeploy;

internal static class IsoImage
{
    // ECMA-119 and ECMA-167: volume descriptors begin at sector 16, each with a type byte and its standard's name.
    private const int FirstDescriptor = 16 * 2048;
    private const int NameAt = 1;
    private const int NameLength = 5;

    private static readonly string[] s_names = ["CD001", "BEA01"];

    /// <summary><c>IsoUnreadable</c> for a file that is neither an ISO 9660 nor a UDF image; read errors as usual.</summary>
    public static async Task CheckAsync(string path, CancellationToken cancellationToken)
    {
        using var file = LocalFileStream.Open(path);
        if (!await Task.Run(() => IsIso(file), cancellationToken))
            throw new VmDeployException(ErrorCodes.IsoUnreadable, $"'{path}' ({file.Length} bytes) is not an ISO 9660 or UDF image.", path);
    }

    public static bool IsIso(Stream file)
    {
        var name = new byte[NameLength];
        if (file.Length < FirstDescriptor + NameAt + NameLength)
            return false;
        file.Seek(FirstDescriptor + NameAt, SeekOrigin.Begin);
        for (int done = 0, read; done < name.Length && (read = file.Read(name, done, name.Length - done)) > 0;)
            done += read;
        return s_names.Contains(Encoding.ASCII.GetString(name));
    }
}
