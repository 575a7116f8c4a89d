using VmDeploy.Ova;
using VmDeploy.Transfer;

namespace VmDeploy.Export;

/// <summary>The local place of a package. It has its name only when it is complete; of one that is not, nothing is left.</summary>
internal abstract class PackageTarget
{
    /// <summary>The package's file that other commands take.</summary>
    public abstract string Path { get; }

    /// <summary>Checks the destination of a request.</summary>
    /// <exception cref="VmDeployException"><c>LocalFileExists</c> or <c>LocalFileNotWritable</c>.</exception>
    public static PackageTarget Create(ExportRequest request, string stem)
    {
        var (isOva, extension) = (request.Format == PackageFormat.Ova, System.IO.Path.GetExtension(request.Destination));
        if (!Directory.Exists(request.Destination) && string.Equals(extension, isOva ? ".ovf" : ".ova", StringComparison.OrdinalIgnoreCase))
        {
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable,
                $"'{request.Destination}' is the name of {(isOva ? "a descriptor, and the format is Ova: one file" : "a file, and the format is Ovf: a folder")}.", request.Destination, hint: ErrorHint.FormatOrName);
        }
        return isOva ? new OvaTarget(request, stem) : new OvfTarget(request, stem);
    }

    /// <summary>Writes the package.</summary>
    public abstract Task<ExportedPackage> WriteAsync(Func<PackageWriter, Task> work);

    private sealed class OvaTarget(ExportRequest request, string stem) : PackageTarget
    {
        private readonly LocalTarget _file = new(request.Destination, stem + ".ova", request.Force);

        public override string Path => System.IO.Path.GetFullPath(_file.Path);

        public override async Task<ExportedPackage> WriteAsync(Func<PackageWriter, Task> work)
        {
            IReadOnlyList<string> files = [];
            var made = await _file.WriteAsync(async stream =>
            {
                var writer = new OvaWriter(stream, stem, request.Manifest);
                await work(writer);
                files = writer.Names;
            });
            return new ExportedPackage(made.FullName, made.Length, request.Vm.Name, request.Vm.Server) { Files = files.AsText() };
        }
    }

    private sealed class OvfTarget(ExportRequest request, string stem) : PackageTarget
    {
        private readonly LocalFolderTarget _folder = new(request.Destination, stem, stem + ".ovf", file => PackageNames.IsPart(stem, file), request.Force);

        public override string Path => System.IO.Path.Combine(_folder.Path, stem + ".ovf");

        public override async Task<ExportedPackage> WriteAsync(Func<PackageWriter, Task> work)
        {
            IReadOnlyList<string> files = [];
            var old = await _folder.WriteAsync(async folder =>
            {
                var writer = new OvfWriter(folder, stem, request.Manifest);
                await work(writer);
                files = writer.Names;
            });
            if (old is not null)
                request.Vm.Session.Log.OldPackageLeft(request.Vm.Name, old);
            return new ExportedPackage(Path, files.Sum(name => new FileInfo(System.IO.Path.Combine(_folder.Path, name)).Length), request.Vm.Name, request.Vm.Server) { Files = files.AsText() };
        }
    }
}
